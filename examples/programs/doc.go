// Package programs holds shops as users have them, in the languages and libraries that they use: each sells its last hat twice, and each
// has a mended twin. They know nothing of lastseat. The test explores all of them with the program itself, as their README.md says.
package programs
