// Package database is a database of lastseat's own on a server, made for a program: read whole, restored between schedules, asked
// who waits. What is true of one product alone is in that engine's folder (targets/postgres, targets/mysql); a Database is what such
// a folder offers, and Store is what is the same for all. Start at Database.
package database
