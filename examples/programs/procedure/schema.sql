CREATE TABLE stock (item text PRIMARY KEY, left_over int NOT NULL);
CREATE TABLE orders (id serial PRIMARY KEY, customer text NOT NULL, item text NOT NULL);
INSERT INTO stock VALUES ('hat', 1);
