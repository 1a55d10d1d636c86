-- Make another namespace of one partition the live one, if both stand at the same position, all of
-- the old one's outbox is published, and the pause that kept it so is still ours. What is known of
-- outputs that were published by others than the live states' owner goes with it: in the same step,
-- since the outbox that they were of is empty only once they are written down.
--
-- KEYS: pointer, pause, the old position, the old outbox, the new position,
--       then the old and the new of each part that goes with it
-- ARGV: the old namespace, the new one, our name on the pause
if (redis.call('GET', KEYS[1]) or 'live') ~= ARGV[1]
  or redis.call('GET', KEYS[2]) ~= ARGV[3]
  or redis.call('EXISTS', KEYS[4]) == 1
  or (redis.call('GET', KEYS[3]) or '') ~= (redis.call('GET', KEYS[5]) or '') then
  return 0
end
for at = 6, #KEYS, 2 do
  redis.call('COPY', KEYS[at], KEYS[at + 1], 'REPLACE')
end
redis.call('SET', KEYS[1], ARGV[2])
redis.call('DEL', KEYS[2])
return 1
