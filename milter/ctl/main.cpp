// SPDX-License-Identifier: Apache-2.0
#include "milter/ctl/process.hpp"
#include "milter/ctl/run.hpp"

int main(int argc, char** argv) {
    namespace ctl = sendconnector::ctl;
    ctl::prepare_process();
    ctl::Environment environment = ctl::environment_of_process();
    const int status = ctl::run({argv + (argc > 0 ? 1 : 0), argv + argc}, environment);
    return ctl::finish_output(environment, status);
}
