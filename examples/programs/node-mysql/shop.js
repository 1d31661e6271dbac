// A shop with one hat left. MODE=mended takes it in the statement that looks whether it is there.
const http = require('node:http');
const mysql = require('mysql2/promise');

const pool = mysql.createPool(process.env.DATABASE_URL);

async function looks(db) {
  const [rows] = await db.execute('SELECT left_over FROM stock WHERE item = ?', ['hat']);
  if (rows[0].left_over < 1) return false;
  await db.execute('UPDATE stock SET left_over = left_over - 1 WHERE item = ?', ['hat']);
  return true;
}

async function takes(db) {
  const [result] = await db.execute('UPDATE stock SET left_over = left_over - 1 WHERE item = ? AND left_over > 0', ['hat']);
  return result.affectedRows === 1;
}

const take = process.env.MODE === 'mended' ? takes : looks;

async function buy(customer) {
  const db = await pool.getConnection();
  try {
    await db.beginTransaction();
    if (!(await take(db))) {
      await db.rollback();
      return 409;
    }
    await db.execute('INSERT INTO orders (customer, item) VALUES (?, ?)', [customer, 'hat']);
    await db.commit();
    return 200;
  } catch (err) {
    await db.rollback();
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
