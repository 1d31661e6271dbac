package lock

import "github.com/lastseat/lastseat/targets/local"

// Programs are the server programs that keep locks.
func Programs() []local.Program {
	return []local.Program{redisProgram(), zookeeperProgram(), etcdProgram()}
}
