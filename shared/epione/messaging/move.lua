-- Make another namespace of one partition the live one, if both stand at the same position, all of
-- the old one's outbox is published, and the pause that kept it so is still ours.
--
-- KEYS: pointer, pause, the old position, the old outbox, the new position
-- ARGV: the old namespace, the new one, our name on the pause
if (redis.call('GET', KEYS[1]) or 'live') ~= ARGV[1]
  or redis.call('GET', KEYS[2]) ~= ARGV[3]
  or redis.call('EXISTS', KEYS[4]) == 1
  or (redis.call('GET', KEYS[3]) or '') ~= (redis.call('GET', KEYS[5]) or '') then
  return 0
end
redis.call('SET', KEYS[1], ARGV[2])
redis.call('DEL', KEYS[2])
return 1
