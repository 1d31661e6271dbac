-- As pgbench runs it: the stock is read, and written as if nobody else had.
\set one random(1, 1)
BEGIN;
SELECT left_over FROM stock WHERE item = 'hat' \gset
\if :left_over > 0
  UPDATE stock SET left_over = :left_over - :one WHERE item = 'hat';
  INSERT INTO orders VALUES ({client}, 'hat');
\endif
COMMIT;
\if :left_over > 0
  SELECT 'yes' AS sold;
\else
  SELECT 'no' AS sold;
\endif
