// SPDX-License-Identifier: Apache-2.0
#include "milter/daemon/options.hpp"
#include "milter/daemon/run.hpp"

#include <cstdio>
#include <exception>

int main(int argc, char* argv[]) {
    namespace daemon = sendconnector::daemon;
    try {
        const auto command_line = daemon::parse_command_line(argc, argv);
        if (!command_line.options) {
            std::fputs(command_line.text.c_str(), command_line.exit_status == 0 ? stdout : stderr);
            return command_line.exit_status;
        }
        return command_line.options->check_config ? daemon::check_config(*command_line.options)
                                                  : daemon::run(*command_line.options);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "sendconnectord: error: %s\n", error.what());
        return 1;
    }
}
