// Package app is a program of the user's behind a wire. In go its file (spec) and the engines that there are; out come lanes: each a
// database of lastseat's own, and for each concurrent client a copy of the program with a proxy of its own, so that whose statement
// it is is never guessed. A Lane plays schedules of HTTP requests, statement by statement, and runs them one after the other.
//
// Start at Open. stage.go leads through one schedule, settle.go says when nobody moves any more.
package app
