package engine

import (
	"time"

	"go.temporal.io/server/common/cluster"
	"go.temporal.io/server/common/config"
	"go.temporal.io/server/common/dynamicconfig"
	"go.temporal.io/server/common/persistence/sql/sqlplugin/sqlite"
	"go.temporal.io/server/common/primitives"
)

const (
	clusterName = "active"
	// historyShards is written into a new data folder and holds for its life.
	historyShards = 4
)

// serverConfig describes one process that runs every service on loopback, without metrics, profiling or HTTP
// listeners, over one SQLite database.
func serverConfig(data database, ports map[primitives.ServiceName]int) *config.Config {
	frontend := address(ports[primitives.FrontendService])
	listeners := make(map[string]config.Service, len(ports))
	for service, port := range ports {
		listeners[string(service)] = config.Service{RPC: config.RPC{GRPCPort: port, BindOnIP: loopback}}
	}
	return &config.Config{
		Global: config.Global{
			Membership: config.Membership{MaxJoinDuration: 10 * time.Second, BroadcastAddress: loopback},
		},
		Persistence: config.Persistence{
			DefaultStore:     sqlite.PluginName,
			VisibilityStore:  sqlite.PluginName,
			NumHistoryShards: historyShards,
			DataStores:       map[string]config.DataStore{sqlite.PluginName: {SQL: data.sql}},
		},
		ClusterMetadata: &cluster.Config{
			FailoverVersionIncrement: 10,
			MasterClusterName:        clusterName,
			CurrentClusterName:       clusterName,
			ClusterInformation: map[string]cluster.ClusterInformation{
				clusterName: {Enabled: true, InitialFailoverVersion: 1, RPCAddress: frontend},
			},
		},
		DCRedirectionPolicy: config.DCRedirectionPolicy{Policy: "noop"},
		Services:            listeners,
		PublicClient:        config.PublicClient{HostPort: frontend},
		Archival: config.Archival{
			History:    config.HistoryArchival{State: config.ArchivalDisabled},
			Visibility: config.VisibilityArchival{State: config.ArchivalDisabled},
		},
		NamespaceDefaults: config.NamespaceDefaults{
			Archival: config.ArchivalNamespaceDefaults{
				History:    config.HistoryArchivalNamespaceDefaults{State: config.ArchivalDisabled},
				Visibility: config.VisibilityArchivalNamespaceDefaults{State: config.ArchivalDisabled},
			},
		},
	}
}

// tuning fits a server that is made for a cluster to one process.
var tuning = dynamicconfig.StaticClient{
	// The first task of a workflow comes with the answer to its start, which halves the cost of a short one.
	dynamicconfig.EnableEagerWorkflowStart.Key(): true,
	// Changes through the API are updates.
	dynamicconfig.FrontendEnableUpdateWorkflowExecution.Key(): true,

	// Partitions spread a task queue over hosts. On one host each is only one more stop on the way to a worker.
	dynamicconfig.MatchingNumTaskqueueReadPartitions.Key():  1,
	dynamicconfig.MatchingNumTaskqueueWritePartitions.Key(): 1,

	// The caches are sized for a cluster host; a few thousand deals at work at once are plenty here.
	dynamicconfig.HistoryCacheHostLevelMaxSize.Key():     5000,
	dynamicconfig.EventsHostLevelCacheMaxSizeBytes.Key(): 16 << 20,
}
