// SPDX-License-Identifier: Apache-2.0
// The main function of all unit tests; Catch2 3 brings one, and then this file is not compiled.
#define CATCH_CONFIG_MAIN
#include <catch2/catch.hpp>
