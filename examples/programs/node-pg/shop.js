// A shop with one hat left. MODE=mended locks the row that it decides by.
const http = require('node:http');
const { Pool } = require('pg');

const pool = new Pool({ connectionString: process.env.DATABASE_URL });
const lock = process.env.MODE === 'mended' ? ' FOR UPDATE' : '';

async function buy(customer) {
  const db = await pool.connect();
  try {
    await db.query('BEGIN');
    const { rows } = await db.query('SELECT left_over FROM stock WHERE item = $1' + lock, ['hat']);
    if (rows[0].left_over < 1) {
      await db.query('ROLLBACK');
      return 409;
    }
    await db.query('UPDATE stock SET left_over = left_over - 1 WHERE item = $1', ['hat']);
    await db.query('INSERT INTO orders (customer, item) VALUES ($1, $2)', [customer, 'hat']);
    await db.query('COMMIT');
    return 200;
  } catch (err) {
    await db.query('ROLLBACK');
    throw err;
  } finally {
    db.release();
  }
}

http.createServer(async (req, res) => {
  const url = new URL(req.url, 'http://localhost');
  if (req.method !== 'POST' || url.pathname !== '/buy') {
    res.writeHead(404).end();
    return;
  }
  try {
    res.writeHead(await buy(url.searchParams.get('customer'))).end();
  } catch (err) {
    res.writeHead(500).end(err.message);
  }
}).listen(Number(process.env.PORT), '127.0.0.1');
