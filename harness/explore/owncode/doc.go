// Package owncode explores the interleavings of code of one's own, unchanged, on a real database: a function that sells a hat is
// run by two clients at once, in every order that their statements can come in, and after each a check says whether what is in
// the tables is right.
//
// In go a server (a store.Engine's, see Open) and a Code: what makes the tables, what the clients do, what must hold. Out comes
// a Report: how many schedules there are, how many break, and the shortest that does, statement by statement. Start at Test.
//
// The clients' functions get a *sql.DB that announces every statement before it is sent. Only the driver beneath it is wrapped,
// so that they see the answers and the errors that they always see. Package pgxcode does the same for a *pgxpool.Pool; for
// anything else, write an Opener.
//
// What is explored is the order of statements. Code between two statements runs as one piece with the statement before it, and
// time is not explored: a timeout or a pause in the code is as long as it always is.
package owncode
