CREATE TABLE counter (id int PRIMARY KEY, n int);
CREATE TABLE visit (who varchar(20));
INSERT INTO counter VALUES (1, 0);
