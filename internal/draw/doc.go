// Package draw makes histories of transactions for tests and measurements: by a seed, of stores that keep an isolation level or break
// it a little. In goes a Blind or a Rotating, out come transactions as package history has them. Start at Blind.Draw; command
// internal/generate writes them into a file.
package draw
