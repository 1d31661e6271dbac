module shop

go 1.26

require github.com/go-sql-driver/mysql v1.9.0
