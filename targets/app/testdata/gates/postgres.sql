CREATE TABLE parent (id serial PRIMARY KEY, name text NOT NULL UNIQUE, n int DEFAULT 0 CHECK (n < 100))
CREATE TABLE child (id bigserial PRIMARY KEY, parent_id int REFERENCES parent ON DELETE CASCADE ON UPDATE CASCADE, note text)
CREATE TABLE log (id serial PRIMARY KEY, what text)
CREATE TABLE part (id int, region text) PARTITION BY LIST (region)
CREATE TABLE part_a PARTITION OF part FOR VALUES IN ('a')
CREATE TABLE part_b PARTITION OF part FOR VALUES IN ('b')
CREATE VIEW names AS SELECT id, name FROM parent
CREATE FUNCTION logs() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO log (what) VALUES (TG_NAME || ' ' || TG_OP || ' ' || TG_WHEN || ' ' || TG_LEVEL); RETURN coalesce(NEW, OLD); END $$
CREATE FUNCTION doubles() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.n = NEW.n * 2; RETURN NEW; END $$
CREATE TRIGGER "!a" BEFORE INSERT OR UPDATE ON parent FOR EACH ROW EXECUTE FUNCTION doubles()
CREATE TRIGGER aa BEFORE INSERT OR UPDATE OR DELETE ON parent FOR EACH STATEMENT EXECUTE FUNCTION logs()
CREATE TRIGGER zz AFTER INSERT OR UPDATE OR DELETE ON parent FOR EACH ROW EXECUTE FUNCTION logs()
CREATE TRIGGER cut BEFORE TRUNCATE ON child FOR EACH STATEMENT EXECUTE FUNCTION logs()
CREATE TRIGGER gone AFTER DELETE ON child FOR EACH STATEMENT EXECUTE FUNCTION logs()
-- gates
INSERT INTO parent (name, n) VALUES ('x', 1), ('y', 2), ('z', 3) RETURNING id, name, n
INSERT INTO parent (name, n) VALUES ('x', 5)
INSERT INTO parent (name, n) VALUES ('x', 5) ON CONFLICT (name) DO NOTHING
INSERT INTO parent (name, n) VALUES ('x', 5), ('w', 6) ON CONFLICT (name) DO UPDATE SET n = parent.n + excluded.n RETURNING *
INSERT INTO parent (name) VALUES (NULL)
INSERT INTO parent (name, n) VALUES ('big', 60)
INSERT INTO child (parent_id, note) SELECT id, name FROM parent ORDER BY id RETURNING *
INSERT INTO child (parent_id) VALUES (77)
INSERT INTO child (parent_id, note) SELECT 1, 'none' WHERE false
UPDATE parent SET n = n + 1 WHERE n > 2
UPDATE parent SET n = n + 1 WHERE name = 'nobody'
UPDATE parent SET id = id + 100 WHERE name = 'y' RETURNING id
UPDATE child SET note = p.name || '!' FROM parent p WHERE p.id = child.parent_id RETURNING child.note
UPDATE names SET name = upper(name)
WITH moved AS (DELETE FROM child WHERE note = 'x!' RETURNING note) INSERT INTO log (what) SELECT note FROM moved RETURNING id, what
MERGE INTO parent p USING child c ON p.id = c.parent_id WHEN MATCHED THEN UPDATE SET n = 7
INSERT INTO part VALUES (1, 'a'), (2, 'b'), (3, 'a') RETURNING tableoid::regclass::text, id
INSERT INTO part_b VALUES (4, 'b')
UPDATE part SET region = 'b' WHERE id = 1
DELETE FROM part WHERE region = 'b'
CREATE TEMP TABLE scratch AS SELECT * FROM parent
INSERT INTO scratch SELECT * FROM parent
CREATE TABLE later (id serial, n int)
INSERT INTO later (n) SELECT n FROM parent RETURNING *
SELECT lastval(), currval('parent_id_seq')
BEGIN
SAVEPOINT s
INSERT INTO parent (name) VALUES ('in')
ROLLBACK TO s
INSERT INTO parent (name) VALUES ('in') RETURNING id
SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'
COMMIT
SET lock_timeout = '1ms'
INSERT INTO parent (name) SELECT 'locks' RETURNING id
SHOW lock_timeout
DO $$ DECLARE k int; BEGIN UPDATE parent SET n = 1; GET DIAGNOSTICS k = ROW_COUNT; INSERT INTO log (what) VALUES (k || ' ' || FOUND); END $$
DELETE FROM parent WHERE name IN ('X', 'Y') RETURNING name
TRUNCATE child
COPY parent FROM copied1,1|copied2,2
COPY parent FROM copied3,1|copied1,2
SELECT what FROM log ORDER BY what
SELECT * FROM parent ORDER BY id
SELECT * FROM child ORDER BY id
DROP TABLE later
ALTER TABLE parent ADD COLUMN extra int DEFAULT 1
UPDATE parent SET extra = 2 WHERE id > 1
DROP TABLE part
