package polygraph

// Decide looks for an order that satisfies the rule.
func Decide(p *Problem, rule Rule, limits Limits) Answer {
	if rule >= Causal {
		return weak(p, rule, &limits)
	}
	in := newInstance(p, rule)
	pr := newPruner(in)
	cycle := pr.prune(&limits)
	answer := Answer{rule: rule, Steps: pr.spent}
	if cycle != nil {
		answer.Status = Refuted
		in.prove(cycle, &answer)
		return answer
	}
	if rule == ParallelSnapshot && (int64(in.nodes)+63)/64*8*int64(in.nodes) > limits.Bytes {
		return answer
	}
	limits.Steps -= pr.spent
	s := newSearch(in, pr.order, &limits)
	answer.Status = s.run()
	answer.Steps += s.graph.steps
	switch answer.Status {
	case Holds:
		for _, e := range s.graph.nodes {
			if e < in.events {
				answer.Order = append(answer.Order, e)
			}
		}
	case Refuted:
		for _, pair := range s.pairs {
			if s.tried[pair] {
				answer.Choices = append(answer.Choices, pair)
			}
		}
	case Open:
		answer.Choices = s.pairs
	}
	return answer
}
