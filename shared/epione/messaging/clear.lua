-- Empty the outbox of one partition, unless someone has moved its position since.
--
-- KEYS: position, outbox
-- ARGV: the position at which the outbox was published
if redis.call('GET', KEYS[1]) ~= ARGV[1] then
  return 0
end
redis.call('DEL', KEYS[2])
return 1
