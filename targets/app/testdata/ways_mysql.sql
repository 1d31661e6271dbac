CREATE TABLE stock (item varchar(20) PRIMARY KEY, left_over int);
CREATE TABLE orders (customer varchar(20), item varchar(20));
INSERT INTO stock VALUES ('hat', 1);
CREATE PROCEDURE racy(who varchar(20))
BEGIN
  DECLARE n int;
  DECLARE EXIT HANDLER FOR SQLEXCEPTION BEGIN ROLLBACK; RESIGNAL; END;
  START TRANSACTION;
  SELECT left_over INTO n FROM stock WHERE item = 'hat';
  IF n < 1 THEN SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'sold out'; END IF;
  UPDATE stock SET left_over = n - 1 WHERE item = 'hat';
  INSERT INTO orders VALUES (who, 'hat');
  COMMIT;
END;
CREATE PROCEDURE locked(who varchar(20))
BEGIN
  DECLARE n int;
  DECLARE EXIT HANDLER FOR SQLEXCEPTION BEGIN ROLLBACK; RESIGNAL; END;
  START TRANSACTION;
  SELECT left_over INTO n FROM stock WHERE item = 'hat' FOR UPDATE;
  IF n < 1 THEN SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'sold out'; END IF;
  UPDATE stock SET left_over = n - 1 WHERE item = 'hat';
  INSERT INTO orders VALUES (who, 'hat');
  COMMIT;
END;
