CREATE TABLE invoiced (
  id bigint AUTO_INCREMENT PRIMARY KEY, uuid char(36) UNIQUE, token varchar(60), raw binary(16), price decimal(10, 2), doc json,
  kind enum ('new', 'paid'), note varchar(60), made timestamp(6) DEFAULT CURRENT_TIMESTAMP(6), local datetime DEFAULT CURRENT_TIMESTAMP
);
CREATE TABLE invoiced_line (invoiced_id bigint, number int, uuid char(36), PRIMARY KEY (invoiced_id, number));
CREATE TABLE total (id int PRIMARY KEY, amount decimal(10, 2), updated timestamp DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP);
INSERT INTO total (id, amount) VALUES (1, 0), (2, 0);
