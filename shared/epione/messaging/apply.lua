-- Write a batch's states, due times, outbox and position of one partition, all or nothing, and only
-- if the position is still the one the batch began at.
--
-- KEYS: position, states (hash), due (sorted set, ms), outbox
-- ARGV: the position expected ("" for none), the new one, the outbox,
--       the number of states, a key and a state each; then a key and a time each (0: none)
if (redis.call('GET', KEYS[1]) or '') ~= ARGV[1] then
  return 0
end
local n_states = tonumber(ARGV[4])
local at = 5
for _ = 1, n_states do
  redis.call('HSET', KEYS[2], ARGV[at], ARGV[at + 1])
  at = at + 2
end
while at < #ARGV do
  if ARGV[at + 1] == '0' then
    redis.call('ZREM', KEYS[3], ARGV[at])
  else
    redis.call('ZADD', KEYS[3], ARGV[at + 1], ARGV[at])
  end
  at = at + 2
end
if ARGV[3] == '' then
  redis.call('DEL', KEYS[4])
else
  redis.call('SET', KEYS[4], ARGV[3])
end
redis.call('SET', KEYS[1], ARGV[2])
return 1
