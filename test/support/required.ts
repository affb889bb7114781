/** As for the lab: where everything is meant to be there, a test that is skipped is a failure. */
export const isRequired = process.env['DARUMA_LAB'] === 'required';
