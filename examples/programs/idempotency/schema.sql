CREATE TABLE charges (id serial PRIMARY KEY, amount int NOT NULL);
CREATE TABLE attempts (key text NOT NULL, charge int NOT NULL);
CREATE TABLE requests (key text PRIMARY KEY, charge int);
