# SPDX-License-Identifier: Apache-2.0
# Warnings and sanitizers as interface targets, linked privately by our own targets; how libraries are compiled
# faster when they are compiled to be tested only.
option(SENDCONNECTOR_WERROR "Warnings are errors" OFF)
set(SENDCONNECTOR_SANITIZE "" CACHE STRING "address,undefined or thread; empty for none")
option(SENDCONNECTOR_FAST_BUILD
    "Precompile other people's headers, compile sixteen files of a library as one: half the time, but hides a missing #include" OFF)
option(SENDCONNECTOR_FUZZ "Build the libFuzzer targets of tests/fuzz (clang)" OFF)
if(SENDCONNECTOR_FUZZ AND NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    message(FATAL_ERROR "SENDCONNECTOR_FUZZ wants clang: cmake --preset fuzz")
endif()

add_library(project_warnings INTERFACE)
target_include_directories(project_warnings INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_options(project_warnings INTERFACE
    -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wnon-virtual-dtor -Wold-style-cast
    -Woverloaded-virtual -Wimplicit-fallthrough -Wcast-qual)
target_compile_definitions(project_warnings INTERFACE SENDCONNECTOR_VERSION="${PROJECT_VERSION}")
if(SENDCONNECTOR_WERROR)
    target_compile_options(project_warnings INTERFACE -Werror)
endif()

add_library(project_options INTERFACE)
target_link_libraries(project_options INTERFACE project_warnings)
# What is tested is instrumented in full. Of the unit tests themselves ASan sees enough, and they are most of
# what there is to compile.
add_library(unit_test_options INTERFACE)
target_link_libraries(unit_test_options INTERFACE project_warnings)
if(SENDCONNECTOR_SANITIZE)
    set(instrument -fno-omit-frame-pointer -fno-sanitize-recover=all)
    target_compile_options(project_options INTERFACE -fsanitize=${SENDCONNECTOR_SANITIZE} ${instrument})
    target_link_options(project_options INTERFACE -fsanitize=${SENDCONNECTOR_SANITIZE})
    string(REPLACE ",undefined" "" enough "${SENDCONNECTOR_SANITIZE}")
    target_compile_options(unit_test_options INTERFACE -fsanitize=${enough} ${instrument} -O0)
    target_link_options(unit_test_options INTERFACE -fsanitize=${SENDCONNECTOR_SANITIZE})
    # Tests ask for it. GCC says it by itself, Clang by another name.
    if(SENDCONNECTOR_SANITIZE MATCHES "address")
        target_compile_definitions(unit_test_options INTERFACE $<$<CXX_COMPILER_ID:Clang>:__SANITIZE_ADDRESS__>)
    endif()
endif()
if(SENDCONNECTOR_FUZZ)
    target_compile_options(project_options INTERFACE -fsanitize=fuzzer-no-link)
endif()

# sendconnector_precompile(TARGET header...): these besides what nearly every file includes.
function(sendconnector_precompile target)
    if(SENDCONNECTOR_FAST_BUILD)
        target_precompile_headers(${target} PRIVATE <algorithm> <chrono> <filesystem> <functional> <map> <optional>
            <set> <string> <string_view> <utility> <vector> <fmt/format.h> <fmt/ranges.h> ${ARGN})
    endif()
endfunction()

# A static library per folder: sendconnector_library(NAME source...)
function(sendconnector_library name)
    add_library(${name} STATIC ${ARGN})
    target_link_libraries(${name} PRIVATE project_options PUBLIC fmt::fmt)
    target_include_directories(${name} PUBLIC ${PROJECT_SOURCE_DIR})
    if(SENDCONNECTOR_FAST_BUILD)
        set_target_properties(${name} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 16)
        # What is local to a file is seen by its neighbours here.
        target_compile_options(${name} PRIVATE $<$<CXX_COMPILER_ID:GNU>:-Wno-subobject-linkage> -Wno-error=shadow -Wno-error=unused-function)
    endif()
endfunction()
