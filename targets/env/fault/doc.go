// Package fault is what breaks around a store while clients run: its server is killed, connections are cut, messages are held
// back, clients stop or die. In goes a store's Server, out come harness.Components: Table holds them, and a fault is a file of its
// own. What happens to connections happens in a Network, whose Dial the clients of this process use; what happens to those of programs
// does in targets/app. Start at Table, then at Network.
package fault
