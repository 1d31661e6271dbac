CREATE TABLE stock (item varchar(20) PRIMARY KEY, left_over int);
CREATE TABLE orders (customer varchar(20), item varchar(20));
INSERT INTO stock VALUES ('hat', 1);
CREATE PROCEDURE racy(who varchar) LANGUAGE plpgsql AS $$
DECLARE n int;
BEGIN
  SELECT left_over INTO n FROM stock WHERE item = 'hat';
  IF n < 1 THEN RAISE EXCEPTION 'sold out'; END IF;
  UPDATE stock SET left_over = n - 1 WHERE item = 'hat';
  INSERT INTO orders VALUES (who, 'hat');
END $$;
CREATE PROCEDURE locked(who varchar) LANGUAGE plpgsql AS $$
DECLARE n int;
BEGIN
  SELECT left_over INTO n FROM stock WHERE item = 'hat' FOR UPDATE;
  IF n < 1 THEN RAISE EXCEPTION 'sold out'; END IF;
  UPDATE stock SET left_over = n - 1 WHERE item = 'hat';
  INSERT INTO orders VALUES (who, 'hat');
END $$;
