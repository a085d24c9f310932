// Stands in for the Python extension, which no registry carries: the same interface, and the
// environment that the test names.
exports.activate = () => ({
  environments: {
    getActiveEnvironmentPath: () => ({ path: process.env.CODESEARCH_TEST_CHOSEN ?? '' }),
    resolveEnvironment: async ({ path }) => path && { executable: { uri: require('vscode').Uri.file(path) } },
  },
});
