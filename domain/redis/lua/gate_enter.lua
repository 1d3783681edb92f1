-- Takes shoppers and their quantities in turn, and answers {what, number} for each: ADMITTED with the ticket, NOT_OPEN_YET
-- with the opening time, or why not. A gate that is not there answers nothing.
-- KEYS: the gate, shoppers' units, pending tickets. ARGV: shopper, quantity, shopper, quantity, …
local gate = redis.call('HMGET', KEYS[1], 'left', 'opens', 'closes', 'limit')
if not gate[1] then return {} end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local left, opens, closes, limit = tonumber(gate[1]), tonumber(gate[2]), tonumber(gate[3]), tonumber(gate[4])
local function admit(user, quantity)
  if opens > now then return 'NOT_OPEN_YET', opens end
  if closes > 0 and closes <= now then return 'CLOSED', closes end
  if limit > 0 and tonumber(redis.call('HGET', KEYS[2], user) or '0') + quantity > limit then return 'LIMIT_EXCEEDED', 0 end
  if left < quantity then return 'SOLD_OUT', 0 end
  left = redis.call('HINCRBY', KEYS[1], 'left', -quantity)
  redis.call('HINCRBY', KEYS[1], 'changes', 1)
  local ticket = redis.call('HINCRBY', KEYS[1], 'seq', 1)
  if limit > 0 then redis.call('HINCRBY', KEYS[2], user, quantity) end
  redis.call('ZADD', KEYS[3], now, ticket .. ':' .. quantity .. ':' .. user)
  return 'ADMITTED', ticket
end
local answers = {}
for i = 1, #ARGV, 2 do answers[#answers + 1] = {admit(ARGV[i], tonumber(ARGV[i + 1]))} end
return answers
