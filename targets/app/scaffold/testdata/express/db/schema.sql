CREATE TABLE stock (item TEXT);
