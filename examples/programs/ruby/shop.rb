# Sells the last hat, with pg and a connection for each request. MODE=mended takes it in the statement that looks whether it is there.
require "pg"
require "webrick"

def take(db)
  if ENV["MODE"] == "mended"
    return db.exec_params("UPDATE stock SET left_over = left_over - 1 WHERE item = $1 AND left_over > 0", ["hat"]).cmd_tuples == 1
  end
  return false if db.exec_params("SELECT left_over FROM stock WHERE item = $1", ["hat"]).getvalue(0, 0).to_i < 1

  db.exec_params("UPDATE stock SET left_over = left_over - 1 WHERE item = $1", ["hat"])
  true
end

def buy(db, customer)
  return 409 unless take(db)

  db.exec_params("INSERT INTO orders (customer, item) VALUES ($1, $2)", [customer, "hat"])
  200
end

server = WEBrick::HTTPServer.new(BindAddress: "127.0.0.1", Port: ENV["PORT"], AccessLog: [])
server.mount_proc("/buy") do |request, response|
  customer = URI.decode_www_form(request.query_string).to_h["customer"]
  PG.connect do |connection| # the address is in PGHOST, PGPORT …
    response.status = connection.transaction { |db| buy(db, customer) }
  end
end
server.start
