// SPDX-License-Identifier: Apache-2.0
#include "milter/daemon/run.hpp"

#include "conf/configuration.hpp"
#include "milter/daemon/daemon.hpp"
#include "milter/daemon/log.hpp"

#include <algorithm>
#include <csignal>
#include <fmt/format.h>
#include <iostream>
#include <sys/resource.h>
#include <sys/stat.h>

namespace sendconnector::daemon {

namespace {

// A thousand lookup connections and as many of milters do not fit into the usual 1024 descriptors.
void raise_descriptor_limit() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = std::min<rlim_t>(limit.rlim_max, std::max<rlim_t>(limit.rlim_cur, 16'384));
        ::setrlimit(RLIMIT_NOFILE, &limit);
    }
}

} // namespace

int check_config(const Options& options) {
    const auto loaded = conf::load_configuration(options.config);
    for (const auto& finding : loaded.findings) {
        std::cerr << conf::to_string(finding) << '\n';
    }
    if (!loaded.configuration) {
        return 1;
    }
    std::cout << fmt::format("{}: usable, {} connectors\n", options.config.string(),
                             loaded.configuration->policy->connectors().size());
    return 0;
}

int run(const Options& options) {
    ::umask(007);
    std::signal(SIGPIPE, SIG_IGN);
    raise_descriptor_limit();
    const auto log = open_log(options.log);
    Daemon daemon(options, log);
    if (const auto started = daemon.start(); !started) {
        const auto text = to_string(started.error());
        log->write(endpoint::LogLevel::error, text);
        if (options.log != LogTarget::standard_error) {
            // Whoever starts it by hand does not look into the mail log first.
            for (const auto& error : daemon.configuration_errors()) {
                std::cerr << error << '\n';
            }
            std::cerr << "sendconnectord: error: " << text << '\n';
        }
        return 1;
    }
    daemon.run();
    return 0;
}

} // namespace sendconnector::daemon
