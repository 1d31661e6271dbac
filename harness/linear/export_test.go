package linear

// Cut returns limits under which histories are cut wherever they can be.
func Cut() Limits { return Limits{small: 1} }
