CREATE TABLE seats (id int PRIMARY KEY, status text NOT NULL);
CREATE TABLE charges (id serial PRIMARY KEY, seat int NOT NULL, amount int NOT NULL);
INSERT INTO seats VALUES (1, 'reserved');
