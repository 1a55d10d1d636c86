-- Write a batch's states, due times, outbox and position of one partition, all or nothing, and only
-- if the position is still the one the batch began at, in the namespace that is still the live one.
-- Gives 1 where it was written, 0 where not, -1 where the partition is paused.
--
-- KEYS: position, states (hash), due (sorted set, ms), outbox, pointer to the live namespace, pause
-- ARGV: the live namespace expected ("" for any), the position expected ("" for none),
--       the new one ("" for none yet), the outbox,
--       the number of states, a key and a state each ("": none); then a key and a time each (0: none)
if ARGV[1] ~= '' then
  if (redis.call('GET', KEYS[5]) or 'live') ~= ARGV[1] then
    return 0
  end
  if redis.call('EXISTS', KEYS[6]) == 1 then
    return -1
  end
end
if (redis.call('GET', KEYS[1]) or '') ~= ARGV[2] then
  return 0
end
local n_states = tonumber(ARGV[5])
local at = 6
for _ = 1, n_states do
  if ARGV[at + 1] == '' then
    redis.call('HDEL', KEYS[2], ARGV[at])
  else
    redis.call('HSET', KEYS[2], ARGV[at], ARGV[at + 1])
  end
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
if ARGV[4] == '' then
  redis.call('DEL', KEYS[4])
else
  redis.call('SET', KEYS[4], ARGV[4])
end
if ARGV[3] ~= '' then
  redis.call('SET', KEYS[1], ARGV[3])
end
return 1
