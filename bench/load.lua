-- The requests of one load, for wrk: FILE FIRST STATUS come behind `--`.
-- FILE has a path in each line; they are asked in turn, over and over. Each request has a number in place of @n@ in
-- its path, counted up from FIRST. Any status but STATUS counts as wrong. Requests come from CLIENTS addresses in turn,
-- by X-Forwarded-For, since of one client but a few queries wait for ours.

local threads = {}
local CLIENTS = 64

function setup(thread)
  table.insert(threads, thread)
end

function init(args)
  paths = {}
  for path in io.lines(args[1]) do table.insert(paths, path) end
  number, expected, wrong = tonumber(args[2]), tonumber(args[3]), 0
end

function request()
  number = number + 1
  wrk.headers["X-Forwarded-For"] = "10.0.0." .. number % CLIENTS
  local path = paths[number % #paths + 1]:gsub("@n@", string.format("%d", number))
  return wrk.format("GET", path)
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
