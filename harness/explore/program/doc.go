// Package program explores the operations of a user's program: every pair of them (each with itself too), in every order of their
// statements that matters, judged by serial equivalence, and by the user's rules where there are any. In go lanes, on which schedules
// are played, and the operations' names; out comes a Pair for each. Start at Explorer.
package program
