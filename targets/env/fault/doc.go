// Package fault is what breaks around a store while clients run: its server is killed, connections are cut, messages are held
// back, clients stop or die. In goes a store's Server, out come harness.Components: Table holds them, and a fault is a file of its
// own. What happens to connections happens in a Proxy, which stands between the clients and the server. Start at Table, then at
// Proxy.
package fault
