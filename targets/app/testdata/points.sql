CREATE TABLE wallet (id varchar(20) PRIMARY KEY, balance int);
CREATE TABLE seat (number int PRIMARY KEY, taken_by varchar(40));
CREATE TABLE paid (customer varchar(40), amount int);
CREATE TABLE request_key (id varchar(40) PRIMARY KEY);
CREATE TABLE message (customer varchar(40), text varchar(40));
INSERT INTO wallet VALUES ('x', 100);
INSERT INTO seat VALUES (1, NULL), (2, NULL);
