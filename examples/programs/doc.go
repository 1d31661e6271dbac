// Package programs holds programs as users have them, in the languages and libraries that they use: shops that sell their last hat twice, and
// two that charge twice. Each has a mended twin. They know nothing of lastseat. The test explores all of them with the program itself, as
// their README.md says.
package programs
