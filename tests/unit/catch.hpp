// SPDX-License-Identifier: Apache-2.0
// Catch2 2 (bookworm) and 3 (trixie) under one name.
#pragma once

#if SENDCONNECTOR_CATCH2 == 2
#include <catch2/catch.hpp>
#else
#include <catch2/catch_all.hpp>
using namespace Catch;
#endif
