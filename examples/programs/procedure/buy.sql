CREATE PROCEDURE buy(customer text) LANGUAGE plpgsql AS $$
DECLARE
  n int;
BEGIN
  SELECT left_over INTO n FROM stock WHERE item = 'hat';
  IF n < 1 THEN
    RAISE EXCEPTION 'sold out';
  END IF;
  UPDATE stock SET left_over = n - 1 WHERE item = 'hat';
  INSERT INTO orders (customer, item) VALUES (buy.customer, 'hat');
END $$;
