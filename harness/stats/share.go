package stats

import "math"

// Share is a share that was counted, hits of so many, with its interval at 95 % by Wilson's score, which holds for few hits and for none.
// of is at least 1.
func Share(hits, of int) Summary {
	const z = 1.959964 // of the normal distribution, both sides at 95 %
	n, p := float64(of), float64(hits)/float64(of)
	middle, reach := p+z*z/(2*n), z*math.Sqrt(p*(1-p)/n+z*z/(4*n*n))
	scale := 1 + z*z/n
	return Summary{Median: p, Lo: max(0, (middle-reach)/scale), Hi: min(1, (middle+reach)/scale), N: of}
}

// CompareShares says whether two shares that were counted differ, by Fisher's exact test, both sides. Each of is at least 1.
func CompareShares(aHits, aOf, bHits, bOf int) Comparison {
	if p := fisher(aOf, aOf, 0, bOf); p > 1-confidence { // even all against none is no difference
		return Comparison{P: 1, Warning: "need more trials for a difference to show"}
	}
	p := fisher(aHits, aOf, bHits, bOf)
	return Comparison{P: p, Differ: p <= 1-confidence}
}

// fisher is how likely counts are that are at most as likely as these, where both shares are the same.
func fisher(aHits, aOf, bHits, bOf int) float64 {
	hits := aHits + bHits
	likely := func(a int) float64 { return math.Exp(choose(aOf, a) + choose(bOf, hits-a) - choose(aOf+bOf, hits)) }
	const same = 1 + 1e-7 // what differs by less than rounding is as likely
	seen, sum := likely(aHits)*same, 0.0
	for a := max(0, hits-bOf); a <= min(hits, aOf); a++ {
		if p := likely(a); p <= seen {
			sum += p
		}
	}
	return min(1, sum)
}

// choose is the logarithm of n over k.
func choose(n, k int) float64 {
	log := func(n int) float64 { v, _ := math.Lgamma(float64(n) + 1); return v }
	return log(n) - log(k) - log(n-k)
}
