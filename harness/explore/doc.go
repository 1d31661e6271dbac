// Package explore runs a few clients one action at a time, and decides itself who goes next. Stress shows that code breaks; this
// shows how, every time, in the fewest steps.
//
// In go clients whose actions are announced through a harness.Hook (store.Stepped, store.Scripted, or one's own code), out comes
// the order in which they acted, who waited for a lock and until when. Start at Crew, which leads clients through one schedule,
// and at Search, which leads them through all.
package explore
