CREATE TABLE stock (item varchar(20) PRIMARY KEY, left_over int NOT NULL);
CREATE TABLE orders (id int AUTO_INCREMENT PRIMARY KEY, customer varchar(20) NOT NULL, item varchar(20) NOT NULL);
INSERT INTO stock VALUES ('hat', 1);
