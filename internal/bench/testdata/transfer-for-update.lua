local con, seq, reads, prepared = nil, 0, 0, {}
local function query(sql) return con:query(sql) end
local function row(sql)
  local rs = con:query(sql)
  local r = rs:fetch_row()
  rs:free()
  return tonumber(r[1]), tonumber(r[2])
end
local function execute(sql, ...)
  local p, n = prepared[sql], select('#', ...)
  if not p then
    p = {st = con:prepare(sql)}
    for i = 1, n do p[i] = p.st:bind_create(sysbench.sql.type.BIGINT) end
    p.st:bind_param(unpack(p, 1, n))
    prepared[sql] = p
  end
  for i = 1, n do p[i]:set((select(i, ...))) end
  p.st:execute()
end
function thread_init() con = sysbench.sql.driver():connect() end
function thread_done() print('reads ' .. reads) end
function shape0(op) -- transfer
  local a, b = sysbench.rand.uniform(0, 999), sysbench.rand.uniform(0, 998)
  if b >= a then b = b + 1 end
  local c0, c1 = math.min(a, b), math.max(a, b)
  local amount = sysbench.rand.uniform(1, 500)
  query("START TRANSACTION")
  local a1_balance, a1_version = row(string.format("SELECT balance, version FROM account WHERE id = %d FOR UPDATE", c0))
  local a2_balance, a2_version = row(string.format("SELECT balance, version FROM account WHERE id = %d FOR UPDATE", c1))
  if a1_balance + -1 * amount >= 0 then
  execute("UPDATE account SET balance = ?, version = LAST_INSERT_ID(version + 1) WHERE id = ?", a1_balance - amount, c0)
  execute("UPDATE account SET balance = ?, version = LAST_INSERT_ID(version + 1) WHERE id = ?", a2_balance + amount, c1)
  execute("INSERT INTO entry (op, cell, delta, version) VALUES (?, ?, ?, ?), (?, ?, ?, ?)", op, c0, -amount, a1_version + 1, op, c1, amount, a2_version + 1)
  query("COMMIT")
  else
  query("ROLLBACK")
  end
end
function shape1(op) -- transfer
  local a, b = sysbench.rand.uniform(0, 999), sysbench.rand.uniform(0, 998)
  if b >= a then b = b + 1 end
  local c0, c1 = math.min(a, b), math.max(a, b)
  local amount = sysbench.rand.uniform(1, 500)
  query("START TRANSACTION")
  local a1_balance, a1_version = row(string.format("SELECT balance, version FROM account WHERE id = %d FOR UPDATE", c0))
  local a2_balance, a2_version = row(string.format("SELECT balance, version FROM account WHERE id = %d FOR UPDATE", c1))
  if a2_balance + -1 * amount >= 0 then
  execute("UPDATE account SET balance = ?, version = LAST_INSERT_ID(version + 1) WHERE id = ?", a1_balance + amount, c0)
  execute("UPDATE account SET balance = ?, version = LAST_INSERT_ID(version + 1) WHERE id = ?", a2_balance - amount, c1)
  execute("INSERT INTO entry (op, cell, delta, version) VALUES (?, ?, ?, ?), (?, ?, ?, ?)", op, c0, amount, a1_version + 1, op, c1, -amount, a2_version + 1)
  query("COMMIT")
  else
  query("ROLLBACK")
  end
end
function shape2(op) -- read
  reads = reads + 1
  query("SELECT id, balance, version FROM account")
end
function event()
  seq = seq + 1
  local op, draw = (sysbench.tid + 1) * 4294967296 + seq, sysbench.rand.uniform(1, 20000)
  if draw <= 8965 then return shape0(op) end
  if draw <= 17996 then return shape1(op) end
  if draw <= 20000 then return shape2(op) end
end
