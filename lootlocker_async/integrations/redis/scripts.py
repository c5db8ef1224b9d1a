"""What runs inside Redis. Each script is one step that nothing can come between, by Redis' own clock.

Times are whole microseconds: a float holds them exactly, and `%.0f` writes them so.
"""

from __future__ import annotations

_NOW = """
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000000 + tonumber(time[2])
local function text(number) return string.format('%.0f', number) end
"""

TURN = (
    _NOW
    + """
-- KEYS: budget, workers, pause. ARGV: worker, its life, the pause that it was asked for, moments wanted,
-- the interval between moments, how far they may lie back (the burst), whether to begin without a burst.
local worker, life, asked, wanted = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local interval, back, anew = tonumber(ARGV[5]), tonumber(ARGV[6]), ARGV[7] == '1'

redis.call('ZADD', KEYS[2], text(now), worker)
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', text(now - life))
redis.call('ZREMRANGEBYSCORE', KEYS[2], text(now + life), '+inf') -- from before the clock went back
redis.call('PEXPIRE', KEYS[2], text(math.ceil(life / 1000)))
local workers = redis.call('ZCARD', KEYS[2])

local pause = tonumber(redis.call('GET', KEYS[3]) or '0')
if asked > 0 and now + asked > pause then
    pause = now + asked
    redis.call('SET', KEYS[3], text(pause), 'PX', text(math.ceil(asked / 1000)))
    redis.call('PUBLISH', KEYS[3], worker .. ' ' .. text(asked))
end

local first = 0
if wanted > 0 then
    local free = tonumber(redis.call('GET', KEYS[1]) or '0')
    -- Nobody asks further ahead than this: the clock must have gone back.
    if free > math.max(now, pause) + 10000000 + workers * (500000 + 2 * interval) then free = now end
    if free == 0 or anew then free = math.max(free, now) end
    first = math.max(free, now - back, pause)
    redis.call('SET', KEYS[1], text(first + wanted * interval), 'PX', text(3600000 + math.ceil(interval / 1000)))
    first = first - now
end
return {workers, math.max(0, pause - now), first}
"""
)
"""A worker's sign of life, which asks for its next moments to send in. It answers with the number of workers, the
microseconds that the pause still lasts, and those until the first moment; the others follow at the interval."""

LEAVE = "return {redis.call('ZREM', KEYS[1], ARGV[1])}"
"""A worker says goodbye."""

GET_TOKEN = (
    _NOW
    + """
local kept = redis.call('HMGET', KEYS[1], 'value', 'at')
if not kept[1] or not kept[2] then return {} end
redis.call('PEXPIRE', KEYS[1], ARGV[1])
return {kept[1], math.max(0, now - tonumber(kept[2]))}
"""
)
"""The token and its age. Whoever asks will use it, so it stays for another life."""

PUT_TOKEN = (
    _NOW
    + """
redis.call('DEL', KEYS[1])
redis.call('HSET', KEYS[1], 'value', ARGV[2], 'at', text(now - tonumber(ARGV[3])))
redis.call('PEXPIRE', KEYS[1], ARGV[1])
return {}
"""
)
"""Keep a token of some age."""

LOCK = """
local taken = redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2])
return {taken and 1 or 0, redis.call('HGET', KEYS[2], 'at') or ''}
"""
"""Take the lock if it's free. It answers whether it was, and when the token was got that there is now."""

RENEW = """
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return {0} end
return {redis.call('PEXPIRE', KEYS[1], ARGV[2])}
"""
"""Keep the lock for longer, if it's still ours."""

UNLOCK = """
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return {0} end
return {redis.call('DEL', KEYS[1])}
"""
"""Give the lock back, if it's still ours."""
