CREATE TABLE parent (id int AUTO_INCREMENT PRIMARY KEY, name varchar(20) NOT NULL UNIQUE, n int DEFAULT 0, t tinyint NOT NULL DEFAULT 0)
CREATE TABLE child (id int AUTO_INCREMENT PRIMARY KEY, parent_id int, note varchar(5), FOREIGN KEY (parent_id) REFERENCES parent (id) ON DELETE CASCADE ON UPDATE CASCADE)
CREATE TABLE log (id int AUTO_INCREMENT PRIMARY KEY, what varchar(50))
CREATE VIEW names AS SELECT id, name FROM parent
CREATE TABLE part (id int, region int) PARTITION BY LIST (region) (PARTITION a VALUES IN (1), PARTITION b VALUES IN (2))
CREATE TRIGGER doubles BEFORE INSERT ON parent FOR EACH ROW SET NEW.n = NEW.n * 2
CREATE TRIGGER adds BEFORE INSERT ON parent FOR EACH ROW FOLLOWS doubles SET NEW.n = NEW.n + 1
CREATE TRIGGER halves BEFORE UPDATE ON parent FOR EACH ROW SET NEW.n = NEW.n DIV 2
CREATE TRIGGER logs AFTER UPDATE ON parent FOR EACH ROW INSERT INTO log (what) VALUES (CONCAT('parent ', OLD.n, ' ', NEW.n))
CREATE TRIGGER went BEFORE DELETE ON parent FOR EACH ROW INSERT INTO log (what) VALUES (CONCAT('gone ', OLD.name))
-- gates
INSERT INTO parent (name, n) VALUES ('x', 1), ('y', 2), ('z', 3)
INSERT INTO parent (name, n) VALUES ('x', 5)
INSERT IGNORE INTO parent (name, n) VALUES ('x', 5), ('v', 1)
INSERT INTO parent (name, n) VALUES ('x', 5), ('w', 6) ON DUPLICATE KEY UPDATE n = n + 50
INSERT INTO parent (name) VALUES (NULL)
INSERT IGNORE INTO parent (name, t) VALUES (NULL, 1000)
INSERT INTO parent (name, t) VALUES ('big', 1000)
INSERT INTO parent (n) VALUES (1)
REPLACE INTO parent (name, n) VALUES ('x', 9)
INSERT INTO child (parent_id, note) SELECT id, name FROM parent ORDER BY id
INSERT INTO child (parent_id) VALUES (77)
INSERT INTO child (parent_id, note) SELECT 1, 'none' FROM parent WHERE false
INSERT IGNORE INTO child (parent_id, note) VALUES (2, 'too long')
INSERT INTO child (id, parent_id) VALUES (500, 2), (NULL, 2)
UPDATE parent SET n = n + 1 WHERE n > 2
UPDATE parent SET n = n WHERE n > 2
UPDATE parent SET n = n + 1 WHERE name = 'nobody'
UPDATE parent SET id = id + 100 WHERE name = 'y'
UPDATE IGNORE child SET note = 'too long' WHERE parent_id = 3
UPDATE child c JOIN parent p ON p.id = c.parent_id SET c.note = p.name, p.n = 7
UPDATE names SET name = upper(name)
DELETE c FROM child c JOIN parent p ON p.id = c.parent_id WHERE p.name = 'Z'
INSERT INTO part VALUES (1, 1), (2, 2), (3, 1)
UPDATE part SET region = 2 WHERE id = 1
DELETE FROM part
CREATE TEMPORARY TABLE scratch AS SELECT * FROM parent
INSERT INTO scratch SELECT * FROM parent
CREATE TABLE later (id int AUTO_INCREMENT PRIMARY KEY, n int)
INSERT INTO later (n) SELECT n FROM parent
BEGIN
SAVEPOINT s
INSERT INTO parent (name) VALUES ('in')
ROLLBACK TO s
INSERT INTO parent (name) VALUES ('in')
COMMIT
SELECT GET_LOCK('mine', 1)
INSERT INTO log (what) SELECT 'locked' FROM parent
SELECT RELEASE_ALL_LOCKS()
INSERT INTO log (what) VALUES (CAST('12x' AS SIGNED))
DELETE FROM parent WHERE name IN ('X', 'Y')
DELETE FROM child
SELECT what FROM log ORDER BY what
SELECT * FROM parent ORDER BY id
SELECT * FROM child ORDER BY id
DROP TABLE later
ALTER TABLE parent ADD COLUMN extra int DEFAULT 1
UPDATE parent SET extra = 2 WHERE id > 1
TRUNCATE child
DROP TABLE part
