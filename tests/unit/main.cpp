// SPDX-License-Identifier: Apache-2.0
// Catch2 2 wants its main made here; with Catch2 3 this file is left out of the build.
#define CATCH_CONFIG_MAIN
#include <catch2/catch.hpp>
