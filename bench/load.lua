-- The requests of one load, for wrk: PATH FIRST CYCLE STATUS come behind `--`.
-- Each request has a number in place of every @n@ in PATH, counted up from FIRST; at CYCLE it begins again at 0
-- (0: never). Any status but STATUS counts as wrong. Requests come from CLIENTS addresses in turn, by X-Forwarded-For, since
-- of one client but a few queries wait for ours.

local threads = {}
local CLIENTS = 64

function setup(thread)
  table.insert(threads, thread)
end

function init(args)
  pieces = {}
  for piece in (args[1] .. "@n@"):gmatch("(.-)@n@") do table.insert(pieces, piece) end
  next_number, cycle, expected = tonumber(args[2]), tonumber(args[3]), tonumber(args[4])
  wrong, turn, same = 0, 0, {}
  for client = 0, CLIENTS - 1 do
    wrk.headers["X-Forwarded-For"] = "10.0.0." .. client
    same[client] = wrk.format("GET", args[1])
  end
end

function request()
  turn = (turn + 1) % CLIENTS
  if #pieces == 1 then return same[turn] end
  local number = next_number
  next_number = number + 1
  if cycle > 0 then number = number % cycle end
  wrk.headers["X-Forwarded-For"] = "10.0.0." .. turn
  return wrk.format("GET", table.concat(pieces, string.format("%d", number)))
end

function response(status)
  if status ~= expected then wrong = wrong + 1 end
end

function done(summary, latency)
  local wrong, failed = 0, summary.errors
  for _, thread in ipairs(threads) do wrong = wrong + thread:get("wrong") end
  io.stderr:write(string.format(
    '{"requests": %d, "seconds": %f, "p50_ms": %f, "p99_ms": %f, "errors": %d}',
    summary.requests, summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
    wrong + failed.connect + failed.read + failed.write + failed.timeout))
end
