# SPDX-License-Identifier: Apache-2.0
# Warnings and sanitizers as interface targets, linked privately by our own targets; how libraries are compiled
# faster when they are compiled to be tested only.
option(SENDCONNECTOR_WERROR "Warnings are errors" OFF)
set(SENDCONNECTOR_SANITIZE "" CACHE STRING "address,undefined or thread; empty for none")
option(SENDCONNECTOR_FAST_BUILD
    "Precompile other people's headers, compile sixteen files of a library as one, check less of each access: half the time, but hides a missing #include" OFF)
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
    # These two look at every access, and are two fifths of what there is to compile. ASan ends what uses a null pointer.
    if(SENDCONNECTOR_FAST_BUILD AND SENDCONNECTOR_SANITIZE MATCHES "undefined")
        list(APPEND instrument -fno-sanitize=null,alignment)
    endif()
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
    target_precompile_headers(${target} PRIVATE <algorithm> <chrono> <filesystem> <functional> <map> <optional>
        <set> <string> <string_view> <utility> <vector> <fmt/format.h> <fmt/ranges.h> ${ARGN})
endfunction()

# Sixteen files at once.
function(sendconnector_unite target)
    set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 16)
    # What is local to a file is seen by its neighbours here.
    target_compile_options(${target} PRIVATE $<$<CXX_COMPILER_ID:GNU>:-Wno-subobject-linkage> -Wno-error=shadow -Wno-error=unused-function)
endfunction()

# Other people's headers, precompiled twice for all libraries: for text, and for networks too. What is compiled with
# them has to be compiled as they were.
if(SENDCONNECTOR_FAST_BUILD)
    add_library(library_options INTERFACE)
    target_link_libraries(library_options INTERFACE
        project_options fmt::fmt Boost::headers nlohmann_json::nlohmann_json Threads::Threads)
    file(GENERATE OUTPUT library_headers.cpp CONTENT "")
    foreach(part text network)
        add_library(${part}_headers OBJECT ${CMAKE_CURRENT_BINARY_DIR}/library_headers.cpp)
        target_link_libraries(${part}_headers PRIVATE library_options)
    endforeach()
    sendconnector_precompile(text_headers)
    sendconnector_precompile(network_headers <boost/asio/io_context.hpp> <boost/asio/ip/tcp.hpp>
        <boost/asio/local/stream_protocol.hpp> <boost/asio/steady_timer.hpp> <nlohmann/json.hpp>)
endif()

# A static library per folder: sendconnector_library(NAME [NETWORK] source...); NETWORK: uses Asio or JSON.
function(sendconnector_library name)
    cmake_parse_arguments(PARSE_ARGV 1 library NETWORK "" "")
    add_library(${name} STATIC ${library_UNPARSED_ARGUMENTS})
    target_link_libraries(${name} PRIVATE project_options PUBLIC fmt::fmt)
    target_include_directories(${name} PUBLIC ${PROJECT_SOURCE_DIR})
    if(SENDCONNECTOR_FAST_BUILD)
        sendconnector_unite(${name})
        target_link_libraries(${name} PRIVATE library_options)
        if(library_NETWORK)
            target_precompile_headers(${name} REUSE_FROM network_headers)
        else()
            target_precompile_headers(${name} REUSE_FROM text_headers)
        endif()
    endif()
endfunction()
