package names

// Client is how a client is called, counted from 0: a, b, …, z, aa, ab, …
func Client(n int) string {
	const letters = 26
	if n < letters {
		return string(rune('a' + n))
	}
	return Client(n/letters-1) + Client(n%letters)
}
